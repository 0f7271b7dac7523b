"""No test asks for the credentials of the machine that it runs on: what tries that says so, and has a fake."""

import os

for _name in tuple(os.environ):
    if _name.startswith(("AWS_CONTAINER_", "AWS_WEB_IDENTITY_", "AWS_ROLE_")):
        del os.environ[_name]
os.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "NO_GCE_CHECK": "true"}
