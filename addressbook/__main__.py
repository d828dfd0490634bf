"""`python -m addressbook` is the `addressbook` command."""

from addressbook.cli import main

main()
