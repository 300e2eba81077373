/** Whose an object is that several stacks could make. */

/** Says which stack made an object; two stacks cannot both say it of one, which the API server itself sees to. */
export const ownerAnnotation = "quintet.dev/stack";
