// The whole schema in one object for the generator.
export * from "./constants.js";
export * from "./controls.js";
export * from "./language.js";
export * from "./messages.js";
export * from "./packets.js";
export * from "./structures.js";
export * from "./tunables.js";
