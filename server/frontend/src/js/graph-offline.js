// The drawing of a graph in a file that stands alone: what the server laid out, and nothing to fetch.
import { DataSet } from "vis-data/peer";
import { Network } from "vis-network/peer";

const canvas = document.getElementById("canvas");
const data = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
if (canvas) {
  const network = new Network(canvas, { nodes: new DataSet(data.nodes), edges: new DataSet(data.edges) }, data.options);
  network.fit({ animation: false });
}
