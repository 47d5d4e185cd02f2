// The drawing of a graph in a file that stands alone: what the server laid out, and nothing to fetch.
import { DataSet } from "vis-data/peer";
import { Network } from "vis-network/peer";
import { drawLabels, fit, named } from "./graph-labels.js";

const canvas = document.getElementById("canvas");
const data = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
if (canvas) {
  const nodes = new DataSet(data.nodes.map(named));
  const network = new Network(canvas, { nodes, edges: new DataSet(data.edges) }, data.options);
  drawLabels(network, nodes);
  fit(network);
}
