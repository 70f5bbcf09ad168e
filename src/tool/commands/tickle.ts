export { default } from "./version.js";
