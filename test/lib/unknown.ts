/** Values that a preview does not know. By itself, since whoever asks a policy loads the whole SDK for it. */

/** What stands for a string that is not known yet in a preview (@pulumi/policy's proxy.ts). */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
