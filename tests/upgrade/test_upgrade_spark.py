from __future__ import annotations

import pytest

SPARK = "spark_dependencies.yml"


def test_the_template_of_workbench_loses_what_is_gone(upgraded):
    change = upgraded(
        SPARK,
        """\
configuration:
  "spark.app.name": "Azure ML Experiment"
  "spark.driver.memory":\t"6g"  # all of it
repositories:
  - "https://mmlspark.azureedge.net/maven"
  - https://repo.example.com/maven
packages:
  # Machine learning
  - group: "com.microsoft.ml.spark"
    artifact: "mmlspark_2.11"
    version: "0.9.9"
  - group: com.microsoft
    artifact: dprep_2.11
    version: 0.9
  # SQL Server
  - group: "com.microsoft.sqlserver"
    artifact: "mssql-jdbc"
    version: "6.2.1.jre8"
""",
    )
    assert (
        change.diff()
        == """\
--- a/aml_config/spark_dependencies.yml
+++ b/aml_config/spark_dependencies.yml
@@ -1,17 +1,10 @@
 configuration:
   "spark.app.name": "Azure ML Experiment"
-  "spark.driver.memory":\t"6g"  # all of it
+  "spark.driver.memory": "6g"  # all of it
 repositories:
-  - "https://mmlspark.azureedge.net/maven"
   - https://repo.example.com/maven
 packages:
   # Machine learning
-  - group: "com.microsoft.ml.spark"
-    artifact: "mmlspark_2.11"
-    version: "0.9.9"
-  - group: com.microsoft
-    artifact: dprep_2.11
-    version: 0.9
   # SQL Server
   - group: "com.microsoft.sqlserver"
     artifact: "mssql-jdbc"
"""
    )
    assert change.reasons == (
        "aml_config/spark_dependencies.yml:3: spark.driver.memory: "
        "a blank instead of the tab after the colon: most YAML readers refuse a tab there",
        "aml_config/spark_dependencies.yml:5: https://mmlspark.azureedge.net/maven is removed: "
        "the Maven repository of MMLSpark is gone",
        "aml_config/spark_dependencies.yml:9: com.microsoft.ml.spark:mmlspark_2.11 is removed: "
        "it was only in the Maven repository of MMLSpark, which is gone "
        "(its successor is com.microsoft.azure:synapseml_2.12)",
        "aml_config/spark_dependencies.yml:12: com.microsoft:dprep_2.11 is removed: "
        "it was only on the download server of Workbench, which is gone",
    )


def test_lists_that_lose_everything_are_empty_lists(upgraded):
    change = upgraded(
        SPARK,
        "repositories:\n  - https://mmlspark.azureedge.net/maven\n"
        "packages:\n  - {group: com.microsoft, artifact: dprep_2.11, version: 1}\n",
    )
    assert change.after == "repositories: []\npackages: []\n"


def test_a_tab_inside_a_removed_part_is_no_reason_of_its_own(upgraded):
    change = upgraded(SPARK, "packages:\n  - group:\tcom.microsoft\n    artifact:\tdprep_2.11\n")
    assert change.after == "packages: []\n"
    assert len(change.reasons) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("configuration:\t\n  a: b\n", "configuration:\n  a: b\n"),
        ("configuration: \t # of Spark\n  a: b\n", "configuration: # of Spark\n  a: b\n"),
        ('configuration: {"a":\t\t1}\n', 'configuration: {"a": 1}\n'),
        ("configuration:\r\n  a:\tb\r\n  c:\t\r\n", "configuration:\r\n  a: b\r\n  c:\r\n"),
    ],
)
def test_a_tab_after_a_colon_is_one_blank(upgraded, before, after):
    assert upgraded(SPARK, before).after == after


@pytest.mark.parametrize(
    "text",
    [
        'configuration:\n  a: "x:\ty"  #\tcomment:\there\n\t# another\n  b: |\n    c:\td\n',
        "packages:\n  - group: com.microsoft.ml.spark\n    artifact: mmlspark_2.11\n    version: 1.0.0-rc1\n",
        "repositories:\npackages:\n",
        "version: 2\nconfiguration:\n  spark.executor.instances: 1\n",
    ],
)
def test_what_works_today_stays(upgraded, text):
    assert upgraded(SPARK, text).after == text
