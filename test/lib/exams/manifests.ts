/** Reads the manifests of other tools' cases. */
import { parseAllDocuments } from "yaml";

/**
 * All documents of a file, each as its objects; a list that is no Kubernetes List is several objects.
 *
 * @throws where it cannot be read
 */
export function manifestsIn(text: string): unknown[] {
  return parseAllDocuments(text, { uniqueKeys: false }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    const value: unknown = document.toJS();
    return Array.isArray(value) ? (value as unknown[]) : [value]; // isArray says any[]
  });
}
