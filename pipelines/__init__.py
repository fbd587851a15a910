"""The flow: plan, extract, check, compare, package, publish, prove."""
