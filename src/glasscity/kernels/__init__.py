"""What happens to one citizen: one function a mechanism, on integers, with no I/O.

The same functions run compiled for threads and as plain Python (`GLASSCITY_JIT=0`).
"""
