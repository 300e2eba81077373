/** Reads what only AWS has. */
import type { KubernetesObject } from "../object.ts";

/** Why no rule about AWS is given to the API server. */
export const notCel = "it is about what AWS makes, which the API server does not see";

/** Whether a value says yes, as a boolean or as the text that some AWS properties take instead. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";

/** The type of a resource of AWS by its module: "ec2:LaunchTemplate"; "" for what is none. */
export const awsType = ({ apiVersion, kind }: KubernetesObject): string => (apiVersion === "aws" ? kind : "");
