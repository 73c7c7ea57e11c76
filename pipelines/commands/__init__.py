"""The commands of `suanzhang`: thin, one module each; the work is in `pipelines`."""
