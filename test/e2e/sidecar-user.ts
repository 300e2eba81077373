/** The user of sidecars, whose calls are not led to the sidecar. */
export const sidecarUser = 1337;
