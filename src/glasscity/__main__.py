"""`python -m glasscity` is `glasscity`."""

from glasscity.cli import main

main()
