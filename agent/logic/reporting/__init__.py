"""What a report of one or more sessions says. `build.report` makes it; pages and charts are made elsewhere."""
