"""How a rule version comes into force and leaves it again: every step by somebody, recorded, on a fingerprint.

In:       a plan to the letter, and officers by name.
Out:      versions and activations in the store; what was ever done with a policy; shadow nights and their verdicts.
Promises: nothing comes into force but what was planned and approved, by two people; what was published is never
          edited.
"""
