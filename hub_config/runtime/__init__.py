"""Code that runs in the cluster, in the hub image: the preflight check, the credentials job, the image awaiter."""
