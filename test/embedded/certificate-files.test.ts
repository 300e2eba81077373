import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { readCertificates } from "../../embedded/certificate-files.ts";
import { labCluster, nodeNamed } from "../../embedded/spec.ts";
import { ClusterState } from "../../embedded/state.ts";

const cache = mkdtempSync(join(tmpdir(), "quintet-certificate-files-"));
const earlier = process.env["QUINTET_CACHE"];
beforeAll(() => {
  process.env["QUINTET_CACHE"] = cache;
});
afterAll(() => {
  if (earlier === undefined) delete process.env["QUINTET_CACHE"];
  else process.env["QUINTET_CACHE"] = earlier;
  rmSync(cache, { recursive: true });
});

test("every certificate of a node is found: kubeadm's, those in kubeconfigs, and the kubelet's behind its link", () => {
  const lab = labCluster();
  const spec = { ...lab, nodes: [nodeNamed(lab, "qke-master"), nodeNamed(lab, "qke-worker-49-2")] };
  const state = new ClusterState(spec.name);
  const cert = join(cache, "cert.pem");
  const key = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    join(cache, "key.pem"),
  ];
  execFileSync("openssl", ["req", "-x509", ...key, "-out", cert, "-days", "20", "-subj", "/CN=short"], {
    stdio: "pipe",
  });
  const kubeconfig = (user: object) => stringify({ users: [{ name: "one", user }] });
  const inside = kubeconfig({ "client-certificate-data": readFileSync(cert).toString("base64") });
  const on = (node: string, file: string) => {
    const place = join(state.nodeRoot(node), file);
    mkdirSync(dirname(place), { recursive: true });
    return place;
  };
  for (const file of ["ca.crt", "apiserver.crt", "etcd/server.crt"]) {
    copyFileSync(cert, on("qke-master", join("etc/kubernetes/pki", file)));
  }
  writeFileSync(on("qke-master", "etc/kubernetes/pki/ca.key"), "no certificate");
  writeFileSync(on("qke-master", "etc/kubernetes/admin.conf"), inside);
  for (const { name } of spec.nodes) {
    const elsewhere = { "client-certificate": "/var/lib/kubelet/pki/kubelet-client-current.pem" };
    writeFileSync(on(name, "etc/kubernetes/kubelet.conf"), kubeconfig(elsewhere));
    copyFileSync(cert, on(name, "var/lib/kubelet/pki/kubelet-client-1.pem"));
    // As the kubelet makes it: a path that is right on the node alone.
    symlinkSync(
      "/var/lib/kubelet/pki/kubelet-client-1.pem",
      on(name, "var/lib/kubelet/pki/kubelet-client-current.pem"),
    );
  }
  state.writeKubeconfig(inside, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  const found = readCertificates(spec, state);
  expect(found.map(({ node, file }) => `${node} ${file}`).sort()).toEqual([
    "qke-master /etc/kubernetes/admin.conf",
    "qke-master /etc/kubernetes/pki/apiserver.crt",
    "qke-master /etc/kubernetes/pki/ca.crt",
    "qke-master /etc/kubernetes/pki/etcd/server.crt",
    "qke-master /var/lib/kubelet/pki/kubelet-client-current.pem",
    "qke-worker-49-2 /var/lib/kubelet/pki/kubelet-client-current.pem",
    `this machine ${state.kubeconfig}`,
  ]);
  const day = 86_400_000;
  for (const { expires } of found) expect(Math.round((Date.parse(expires) - Date.now()) / day)).toBe(20);
});
