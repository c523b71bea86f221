"""The built site, in a parser and in a browser."""
