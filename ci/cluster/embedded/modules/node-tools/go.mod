// Two tiny programs that run inside the cluster: the sandbox of each pod, and the maker of volumes.
module jupyterhub-chart/node-tools

go 1.26
