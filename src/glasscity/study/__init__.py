"""Many worlds at once: held against published figures, and against their own assumptions."""
