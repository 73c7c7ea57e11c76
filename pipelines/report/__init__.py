"""A regulator's file for a month: what `content` takes from a release, `writing` lays down as a workbook or Parquet."""
