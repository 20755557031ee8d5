# SPDX-FileCopyrightText: 2026 the pantheon.cnf authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image of agent and controller in real pods (scripts/cluster up --node, scripts/cluster image), each with no more rights than it needs."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import tempfile

import pytest
from ansible_collections.pantheon.cnf.plugins.module_utils.agent import manifests

from tests.support import cluster as clusters
from tests.support.agents import eventually
from tests.support.modules import run_module

IMAGE = "localhost/pantheon.cnf:latest"
AGENT = "ansible_collections.pantheon.cnf.plugins.module_utils.agent.agent"
CONTROLLER = f"system:serviceaccount:{manifests.NAMESPACE}:{manifests.NAME}"
ADDRESSES = "from pyroute2 import IPRoute; print([each.get_attr('IFA_ADDRESS') for each in IPRoute().get_addr()])"
PAIR = """\
- {module: linux.interfaces, type: interface, data: "{name: lan, type: VETH, enabled: true, ip_addresses: [10.0.0.1/24], veth: {peer_if_name: far}}"}
- {module: linux.interfaces, type: interface, data: "{name: far, type: VETH, enabled: true, veth: {peer_if_name: lan}}"}
"""


def _left():
    """What a node could leave on this machine."""
    links = subprocess.run(["ip", "-o", "link"], capture_output=True, text=True, check=True).stdout
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    groups = [str(path) for path in pathlib.Path("/sys/fs/cgroup").rglob("k8s.io/*") if path.is_dir()]
    return {line.split(": ")[1] for line in links.splitlines()} | {line.split()[1] for line in mounts.splitlines()} | set(groups)


@pytest.fixture(scope="module")
def node(request):
    """A cluster with a node that has the image; nothing is left of it."""
    if os.environ.get("PANTHEON_CNF_QUICK") and not any("test_node" in argument for argument in request.config.args):
        pytest.skip("--quick leaves the Kubernetes node out")
    if os.geteuid() != 0:
        pytest.skip("needs root for a Kubernetes node")
    before = _left()
    with tempfile.TemporaryDirectory(prefix="node-") as folder:
        with clusters.started(folder, "--node") as made:
            made.script("image")
            yield made
        assert not pathlib.Path(folder).exists()
        pathlib.Path(folder).mkdir()
    assert _left() - before == set()


@pytest.fixture(scope="module")
def etcd(node, tmp_path_factory):
    """One that pods reach."""
    made = clusters.ReachableEtcd(tmp_path_factory.mktemp("etcd"), node.gateway).start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def controller(node, etcd):
    """The cluster, with it in a pod and its rights, as the module cnf_crd brings and removes them."""

    def run(state="present"):
        options = {"image": IMAGE, "image_pull_policy": "Never", "etcd": {"endpoints": [etcd.endpoint]}} if state == "present" else {"purge": True}
        return run_module("cnf_crd", kubeconfig=node.kubeconfig, state=state, **options)["changed"]

    assert run()
    assert not run()
    yield node
    assert run("absent")
    assert node.kubectl("get", "crd,clusterroles,clusterrolebindings", "-l", "app.kubernetes.io/part-of=pantheon.cnf", "-o", "name") == ""


def _in_pod(cluster, namespace, pod, code):
    """What Python says in it."""
    return cluster.kubectl("exec", "-n", namespace, pod, "--", "python3", "-c", code)


def test_the_controller_is_a_pod_that_can_write_nothing(controller):
    shown = controller.kubectl("get", "pods", "-n", manifests.NAMESPACE)
    print(shown)
    assert "1/1     Running" in shown
    where = (manifests.NAMESPACE, f"deployment/{manifests.NAME}")
    assert _in_pod(controller, *where, "import os; print(os.getuid(), os.getgid())").split() == ["65532", "65532"]
    status = dict(line.split(":\t") for line in _in_pod(controller, *where, "print(open('/proc/self/status').read())").splitlines() if ":\t" in line)
    assert (status["CapEff"], status["CapBnd"], status["NoNewPrivs"], status["Seccomp"]) == ("0" * 16, "0" * 16, "1", "2")
    mounted = _in_pod(controller, *where, "print(next(line for line in open('/proc/mounts') if line.split()[1] == '/'))")
    assert mounted.split()[3].split(",")[0] == "ro"


def test_its_rights_refuse_what_it_must_not_do(controller):
    controller.kubectl("create", "secret", "generic", "secret", "--from-literal=a=b", "-n", "default")

    def ask(*what):
        return controller.kubectl("auth", "can-i", *what, "--as", CONTROLLER, check=False).stdout.strip()

    asked = {"list cnfconfigurations.pantheon.tech -A": "yes", "patch cnfconfigurations.pantheon.tech -A": "no", "list secrets -A": "no"}
    assert {question: ask(*question.split()) for question in asked} == asked
    # All that it may do to any object, beside asking what it may do.
    allowed = [line.split() for line in ask("--list", "--no-headers").splitlines() if not line.startswith((" ", "self"))]
    assert sorted((words[0], words[-2:]) for words in allowed) == [
        ("cnfconfigurations.pantheon.tech", ["[list", "watch]"]),
        ("cnfconfigurations.pantheon.tech/status", ["[]", "[patch]"]),
    ]

    # The same, tried from inside with the pod's own token.
    code = """
import kubernetes
kubernetes.config.load_incluster_config()
print(len(kubernetes.client.CustomObjectsApi().list_cluster_custom_object("pantheon.tech", "v1", "cnfconfigurations")["items"]))
try:
    kubernetes.client.CoreV1Api().list_secret_for_all_namespaces()
except kubernetes.client.ApiException as error:
    print(error.status, error.body)
"""
    said = _in_pod(controller, manifests.NAMESPACE, f"deployment/{manifests.NAME}", code)
    assert said.splitlines()[1].startswith("403 ")
    assert f'User \\"{CONTROLLER}\\" cannot list resource \\"secrets\\"' in said


def _agent_pod(label):
    """An agent that configures its own pod, with the one capability that this takes."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": label, "namespace": "default"},
        "spec": {
            "automountServiceAccountToken": False,
            "containers": [
                {
                    "name": "agent",
                    "image": IMAGE,
                    "imagePullPolicy": "Never",
                    "command": ["python3", "-m", AGENT, "--settings", "/etc/pantheon.cnf/settings.yaml"],
                    "env": [{"name": "MICROSERVICE_LABEL", "value": label}],
                    "securityContext": {
                        "runAsUser": 0,
                        "readOnlyRootFilesystem": True,
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]},
                    },
                    "readinessProbe": {"httpGet": {"path": "/readyz", "port": 9191}, "periodSeconds": 1},
                    "volumeMounts": [{"name": "run", "mountPath": "/run"}, {"name": "settings", "mountPath": "/etc/pantheon.cnf"}],
                }
            ],
            "volumes": [{"name": "run", "emptyDir": {}}, {"name": "settings", "configMap": {"name": f"{label}-settings"}}],
        },
    }


def _configuration(label):
    return f"""\
apiVersion: pantheon.tech/v1
kind: CNFConfiguration
metadata: {{name: {label}, namespace: default}}
spec:
  microservice: {label}
  configItems:
{"".join(f"  {line}" for line in PAIR.splitlines(keepends=True))}"""


def test_from_kubectl_apply_to_an_agent_in_a_pod_and_back(controller, etcd):
    settings = json.dumps({"etcd": {"endpoints": [etcd.endpoint]}, "listen": "0.0.0.0:9191"})
    configmap = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "edge-settings", "namespace": "default"}, "data": {"settings.yaml": settings}}
    controller.apply(configmap, _agent_pod("edge"))
    controller.kubectl("apply", "-f", "-", stdin=_configuration("edge"))
    controller.kubectl("wait", "--for=condition=Ready", "pod/edge", "--timeout=60s", timeout=70)
    controller.kubectl("wait", "--for=condition=Applied", "cnfconfiguration/edge", "--timeout=60s", timeout=70)
    assert "'10.0.0.1'" in _in_pod(controller, "default", "edge", ADDRESSES)


def test_the_whole_node_dies_and_comes_back(controller):
    """After the test before it: the configuration that was applied is so again, and is taken away when it is deleted meanwhile."""
    controller.kill("machine")
    assert "ended: machine etcd kube-apiserver" in controller.status()
    controller.up()
    # kubelet makes new containers for its pods, as after a reboot.
    eventually(lambda: "'10.0.0.1'" in _in_pod(controller, "default", "edge", ADDRESSES), 90, "the interface")
    controller.kubectl("rollout", "status", f"deployment/{manifests.NAME}", "-n", manifests.NAMESPACE, "--timeout=90s", timeout=100)
    controller.kubectl("wait", "--for=condition=Applied", "cnfconfiguration/edge", "--timeout=60s", timeout=70)

    # Another pod of the controller sweeps what nobody wants any more.
    controller.kubectl("delete", "pod", "-n", manifests.NAMESPACE, "-l", f"app.kubernetes.io/name={manifests.NAME}", "--wait=false")
    controller.kubectl("delete", "cnfconfiguration", "edge", "-n", "default")
    eventually(lambda: "'10.0.0.1'" not in _in_pod(controller, "default", "edge", ADDRESSES), 60, "the end of the interface")
