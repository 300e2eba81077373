/** How Alertmanager tells whoever is to be told, as data. No Pulumi here. */
import type { Peer, Ranges } from "../connectivity-graph.ts";
import { anywhereOutside, urlPeer } from "../outside.ts";
import { type FarFiles, httpClient, secretFolder, tlsConfig } from "./far-end.ts";
import { logsIn, type Receiver } from "./receiver-schema.ts";

/** The Secret with what it logs in with, and its key. */
export const receiverSecret = { name: "alertmanager-receiver", key: "secret" } as const;

/** Where a pod of Alertmanager has its files. */
export const configFolder = "/etc/alertmanager";

const caFile = "receiver-ca.pem";
const folder = "/etc/alertmanager-receiver";
// With its folder: who writes mail does not look for it beside the configuration.
const files: FarFiles = { secret: `${folder}/${receiverSecret.key}`, ca: `${configFolder}/${caFile}` };

/** What e-mails say by themselves, in the fewer words of a chat: what is wrong, and what to do. */
const chatText =
  "{{ range .Alerts }}{{ .Annotations.summary }}{{ with .Annotations.description }}\n{{ . }}{{ end }}" +
  "{{ with .Annotations.runbook_url }}\n{{ . }}{{ end }}\n{{ end }}";

/** The fields of one of alertmanager.yml's `receivers`, beside its name. */
export function receiverEntry(receiver: Receiver): object {
  const told = { send_resolved: true };
  switch (receiver.kind) {
    case "none":
      return {};
    case "webhook": {
      return { webhook_configs: [{ url: receiver.url, ...told, ...httpConfig(httpClient(receiver, files)) }] };
    }
    case "email": {
      const { server, from, to, username } = receiver;
      const login = username === undefined ? {} : { auth_username: username, auth_password_file: files.secret };
      const mail = { to: to.join(", "), from, smarthost: server, require_tls: !server.endsWith(":465") };
      return { email_configs: [{ ...mail, ...login, ...tlsConfig(receiver.tls, files), ...told }] };
    }
    case "slack": {
      const channel = receiver.channel === undefined ? {} : { channel: receiver.channel };
      const how = httpConfig(tlsConfig(receiver.tls, files));
      return { slack_configs: [{ api_url_file: files.secret, ...channel, ...told, text: chatText, ...how }] };
    }
  }
}

const httpConfig = (client: object) => (Object.keys(client).length === 0 ? {} : { http_config: client });

/** The files of Alertmanager beside its own, and what its pod needs for its secret. */
export const receiverPod = (receiver: Receiver) => {
  const ca = "tls" in receiver ? receiver.tls.ca : undefined;
  return {
    files: ca === undefined ? {} : { [caFile]: ca },
    ...secretFolder(logsIn(receiver), receiverSecret.name, folder),
  };
};

/** Whom Alertmanager is let out to, at its one port. */
export function receiverPeer(receiver: Receiver, ranges: Ranges): Peer | undefined {
  switch (receiver.kind) {
    case "none":
      return undefined;
    case "webhook":
      return urlPeer(receiver.url, "webhook", ranges);
    case "email":
      return urlPeer(`smtp://${receiver.server}`, "smtp", ranges);
    case "slack": // its URL is a secret
      return anywhereOutside({ chat: { port: 443 } }, ranges);
  }
}
