"""From the tree to numbers: element groups compiled to NumPy kernels."""
