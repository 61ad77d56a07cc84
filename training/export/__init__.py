"""Encoders for other programs: ONNX graphs, columns of features."""
