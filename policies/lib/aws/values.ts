/** Reads what only AWS has. */

/** Whether a value says yes, as a boolean or as the text that some AWS properties take instead. */
export const isTrue = (value: unknown): boolean => value === true || value === "true";

/** The type of an AWS resource without module and file: "ec2:LaunchTemplate" of "aws:ec2/launchTemplate:LaunchTemplate". */
export const awsType = (type: string): string => /^aws:(\w+)\/\w+:(\w+)$/.exec(type)?.slice(1).join(":") ?? "";
