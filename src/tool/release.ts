// The CTDB release whose behaviour and output this tool has. Scripts take MAJOR.MINOR from it.

export const RELEASE = "4.24.5-ctdb-ts";
