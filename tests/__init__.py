"""The tests of the site: what they check reads like the promise that it keeps."""
