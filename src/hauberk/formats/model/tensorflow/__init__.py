"""TensorFlow's files: SavedModels, graphs, meta graphs, checkpoints, and what Keras puts beside them."""
