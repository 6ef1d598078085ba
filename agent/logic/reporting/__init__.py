"""What a report of one or more sessions says. `build.report` makes it; nothing here knows of pages and charts."""
