"""Where the tree of sums is found by those of this room."""

from calcopt.data.pairwise import PairwiseTree as PairwiseTree
