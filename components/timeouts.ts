/** How long `up` waits for each step, the pull of an image included, before it fails and says what is missing. */
export const customTimeouts = { create: "5m", update: "5m", delete: "5m" };
