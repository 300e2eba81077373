// Command pause is the process that holds a pod's namespaces open: it does nothing but reap and wait for its end.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// As upstream's: kubeadm runs it so, in a Job, to see whether a cluster still runs pods.
	if len(os.Args) > 1 && os.Args[1] == "-v" {
		return
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for s := range signals {
		if s != syscall.SIGCHLD {
			return
		}
		// One signal can stand for several children.
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}
