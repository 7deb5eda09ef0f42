"""Models learned from tables: the line, the perceptron, the network."""
