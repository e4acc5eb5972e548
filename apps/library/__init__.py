"""What we hold: documents, data sets, snapshots of sources and the spans in them."""
