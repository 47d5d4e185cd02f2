"""OWL 2 RL: an ontology compiled to plain rules, and the rules run to their closure."""
