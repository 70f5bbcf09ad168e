export { default } from "./pnn.js";
