"""From a view and a patch to the next view, by the difference alone. Equal to building anew, quad for quad."""
