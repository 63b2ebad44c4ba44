"""What goes into and out of files: readers, spills, parts, shards, the manifest."""
