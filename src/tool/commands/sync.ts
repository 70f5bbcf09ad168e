// `ctdb sync`: the old name of ipreallocate.
export { default } from "./ipreallocate.js";
