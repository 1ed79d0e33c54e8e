"""Who plays in these tests. The BSNs are test numbers: they begin with 9 and pass the eleven test."""

OIN = "00000009999999999001"
OTHER_OIN = "00000009999999999002"
KEY_SET = 20260101
LATER_KEY_SET = 20260701
BSN = "999990019"
OTHER_BSN = "900095222"
DIVERSIFIER = (("Group", "Finance"), ("Role", "Company"))
