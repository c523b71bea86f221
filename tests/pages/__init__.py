"""The pages, read as a reader reads them."""
