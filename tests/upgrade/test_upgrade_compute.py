from __future__ import annotations

import pytest

COMPUTE = "x.compute"
GUID = "12345678-90ab-cdef-1234-567890abcdef"


def test_a_cluster_of_workbench_becomes_one_that_notebooks_can_use(upgraded):
    change = upgraded(
        COMPUTE,
        "address: mycluster-ssh.azurehdinsight.net\r\n"
        "# Written by attach.\r\n"
        "password: AzureMlSecret=00112233445566778899aabbccddeeff\r\n"
        "type: cluster\r\n"
        "userManagedEnvironment: false\r\n"
        "username: sshuser\r\n"
        "yarnDeployMode: cluster",
    )
    assert (
        change.diff()
        == """\
--- a/aml_config/x.compute
+++ b/aml_config/x.compute
@@ -1,7 +1,6 @@
 address: mycluster-ssh.azurehdinsight.net
 # Written by attach.
-password: ***
 type: cluster
 userManagedEnvironment: false
 username: sshuser
-yarnDeployMode: cluster
\\ No newline at end of file
+yarnDeployMode: client
\\ No newline at end of file
"""
    )
    assert change.reasons == (
        "aml_config/x.compute:3: password is removed: it was a handle into the credential service of Workbench, "
        "which is gone; SSH keys are used instead",
        "aml_config/x.compute:7: yarnDeployMode: cluster becomes client: "
        "a notebook kernel cannot start in cluster mode",
    )
    assert change.after.count("\r\n") == 5


@pytest.mark.parametrize(
    "image",
    [
        "microsoft/mmlspark",
        "microsoft/mmlspark:plus-0.9.9",
        "microsoft/mmlspark::plus-0.7.91",
        "docker.io/microsoft/mmlspark:0.7",
    ],
)
def test_a_retired_image_becomes_the_python_image_of_today(upgraded, image):
    change = upgraded(COMPUTE, f"type: localdocker  # here\nbaseDockerImage: {image}  # big\nsharedVolumes: true\n")
    assert change.after == "type: localdocker  # here\nbaseDockerImage: python:3.12  # big\nsharedVolumes: true\n"
    assert change.reasons == (
        f"aml_config/x.compute:2: baseDockerImage: {image} becomes python:3.12: "
        "the Workbench images were withdrawn from Docker Hub; it has no Java: "
        "with PySpark it gets Java 17 and Spark 3 from PyPI",
    )


def test_a_retired_gpu_image_becomes_the_python_image_of_today(upgraded):
    change = upgraded(COMPUTE, "type: remotedocker\nbaseDockerImage: 'microsoft/mmlspark:plus-gpu-0.9.9 '\n")
    assert change.after == "type: remotedocker\nbaseDockerImage: 'python:3.12'\n"
    assert change.reasons == (
        "aml_config/x.compute:2: baseDockerImage: microsoft/mmlspark:plus-gpu-0.9.9 becomes python:3.12: "
        "the Workbench images were withdrawn from Docker Hub; "
        "the CUDA libraries come with the packages, such as torch or tensorflow[and-cuda]",
    )


def test_two_colons_before_a_tag_become_one(upgraded):
    change = upgraded(COMPUTE, "type: docker\nbaseDockerImage: jordo/ml::latest\n")
    assert change.after == "type: docker\nbaseDockerImage: jordo/ml:latest\n"
    assert change.reasons == (
        "aml_config/x.compute:2: baseDockerImage: jordo/ml::latest becomes jordo/ml:latest: "
        "one colon parts an image from its tag",
    )


@pytest.mark.parametrize(
    ("password", "it_was"),
    [
        ("AzureMlSecret=dsvm#joe#00112233", "a handle into the credential service of Workbench, which is gone"),
        (f'"{GUID}#dsvm#joe"', "a handle into the credential service of Workbench, which is gone"),
        (f"'AzureMlSecret={GUID}'", "a handle into the credential service of Workbench, which is gone"),
        ("[AZUREMLSECRET]", "a placeholder"),
        ("<your password>", "a placeholder"),
    ],
)
def test_a_handle_or_placeholder_of_a_password_goes_and_is_never_shown(upgraded, password, it_was):
    change = upgraded(COMPUTE, f"type: remote\naddress: 192.0.2.1\npassword: {password}\nusername: joe\n")
    assert (
        change.diff()
        == """\
--- a/aml_config/x.compute
+++ b/aml_config/x.compute
@@ -1,4 +1,3 @@
 type: remote
 address: 192.0.2.1
-password: ***
 username: joe
"""
    )
    assert change.reasons == (
        f"aml_config/x.compute:3: password is removed: it was {it_was}; SSH keys are used instead",
    )


@pytest.mark.parametrize(
    ("switches", "kind"),
    [
        ("cluster: True\nnative: True\n", "cluster"),
        ("cluster: False\nnative: True\n", "remote"),
        ("cluster: False\nnative: False\n", "remotedocker"),
        ("native: false\n", "remotedocker"),
    ],
)
def test_a_file_from_before_there_was_a_type_gets_one(upgraded, switches, kind):
    change = upgraded(COMPUTE, f"# My machine\naddress: 192.0.2.1\n{switches}")
    assert change.after == f"# My machine\ntype: {kind}\naddress: 192.0.2.1\n{switches}"
    assert change.reasons == (
        f"aml_config/x.compute:2: type: {kind} is added: before there was a type, cluster and native said so",
    )


def test_an_empty_type_is_filled_in(upgraded):
    change = upgraded(COMPUTE, "type:  # which?\nnative: true\n")
    assert change.after == "type: remote  # which?\nnative: true\n"


def test_a_json_file_stays_json(upgraded):
    change = upgraded(
        COMPUTE, '{\n  "address": "192.0.2.1",\n  "cluster": false,\n  "password": "AzureMlSecret=0#1#2"\n}'
    )
    assert change.after == '{\n  "type": "remotedocker",\n  "address": "192.0.2.1",\n  "cluster": false\n}'


@pytest.mark.parametrize(
    "text",
    [
        "type: localdocker\nbaseDockerImage: jordo/ml\n",
        "type: docker\nbaseDockerImage:\n",
        "type: docker\nbaseDockerImage: registry:5000/a/b:1\n",
        "type: docker\nbaseDockerImage: mycompany/microsoft/mmlspark:1\n",
        "type: virtualmachine\naddress: [VM FQDN]\nusername: [username]\n",
        'type: remote\npassword: ""\n',
        "type: remote\npassword: hunter2\n",
        "type: cluster\nyarnDeployMode: client\n",
        "type: local\npythonLocation: C:\\Python\\python.exe\n",
        "address: 192.0.2.1\n",
        "nothing",
        "{}",
    ],
)
def test_what_works_today_stays(upgraded, text):
    assert upgraded(COMPUTE, text).after == text
