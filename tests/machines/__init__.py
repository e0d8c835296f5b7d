"""The long table of PCs that the kernel must boot on, and what may go wrong on one: `make
test-machines`. `make test` runs a few rows of it (tests/test_machine_table.py)."""
