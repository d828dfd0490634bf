"""The unified address registry (统一地址库): identity codes, matching, links and views. No HTTP, no file formats."""

__version__ = "0.1.0"

from addressbook import native

native.use()
