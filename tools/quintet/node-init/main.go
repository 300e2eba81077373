// Command node-init is the first process of an embedded node: it builds the node's file tree from a plan, moves into
// it, and keeps the node's services running until it is told to stop.
//
// It is started in fresh mount, UTS, IPC, PID and cgroup namespaces with the path of the plan as its only argument.
// Whatever it mounts and starts ends with it, because the kernel ends the namespaces with their first process.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Plan is what the node is; embedded/node.ts writes it.
type Plan struct {
	Hostname string    `json:"hostname"`
	Root     string    `json:"root"`
	Mounts   []Mount   `json:"mounts"`
	Services []Service `json:"services"`
}

// Mount is one mount below the root; they are made in order.
type Mount struct {
	Type     string `json:"type"` // a file system, or "bind"
	Source   string `json:"source"`
	Target   string `json:"target"` // relative to the root
	Data     string `json:"data"`
	ReadOnly bool   `json:"readOnly"`
}

// Service is a process that is started once its condition file exists, and again whenever it ends.
type Service struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
	Env     []string `json:"env"`
	After   string   `json:"after"` // a file that must exist first, or empty
	Log     string   `json:"log"`
}

const restartDelay = time.Second

func main() {
	log.SetFlags(log.LstdFlags | log.Lmsgprefix)
	log.SetPrefix("node-init: ")
	if len(os.Args) != 2 {
		log.Fatal("usage: node-init PLAN.json")
	}
	plan, err := read(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if err := plan.enter(); err != nil {
		log.Fatal(err)
	}
	plan.run()
}

func read(path string) (*Plan, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the node's plan cannot be read: %w", err)
	}
	plan := &Plan{}
	if err := json.Unmarshal(data, plan); err != nil {
		return nil, fmt.Errorf("the node's plan %s is not valid: %w", path, err)
	}
	return plan, nil
}

// enter mounts the plan below the root and makes that the file tree of this process.
func (p *Plan) enter() error {
	if err := unix.Sethostname([]byte(p.Hostname)); err != nil {
		return fmt.Errorf("hostname %s: %w", p.Hostname, err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make / private: %w", err)
	}
	if err := unix.Mount(p.Root, p.Root, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s: %w", p.Root, err)
	}
	for _, m := range p.Mounts {
		if err := m.mount(p.Root); err != nil {
			return fmt.Errorf("mount %s (%s) on %s: %w", m.Source, m.Type, m.Target, err)
		}
	}
	if err := unix.Chdir(p.Root); err != nil {
		return err
	}
	// pivot_root(".", ".") stacks the old root on the new one, from where it is detached: no spare folder is needed.
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root to %s: %w", p.Root, err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("detach the old root: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	// The kubelet hands mounts on to pods, so the tree is shared, as systemd makes it on a machine.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return fmt.Errorf("make the node's tree shared: %w", err)
	}
	return delegateControllers("/sys/fs/cgroup")
}

// delegateControllers hands the controllers of cgroup version 2 on to the kubelet's groups. A group that does so may
// have no process of its own, so this process moves to a group beside them. Version 1 needs nothing.
func delegateControllers(root string) error {
	controllers, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	own := filepath.Join(root, "node-init")
	if err := os.MkdirAll(own, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(own, "cgroup.procs"), []byte("1"), 0); err != nil {
		return fmt.Errorf("move to %s: %w", own, err)
	}
	for _, name := range strings.Fields(string(controllers)) {
		if err := os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+name), 0); err != nil {
			return fmt.Errorf("hand on the controller %s: %w", name, err)
		}
	}
	return nil
}

func (m Mount) mount(root string) error {
	target := filepath.Join(root, m.Target)
	flags := uintptr(0)
	fsType := m.Type
	if m.Type == "bind" {
		fsType, flags = "", unix.MS_BIND|unix.MS_REC
	}
	if err := m.prepare(target); err != nil {
		return err
	}
	if err := unix.Mount(m.Source, target, fsType, flags, m.Data); err != nil {
		return err
	}
	if m.ReadOnly {
		if err := unix.Mount("", target, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, ""); err != nil {
			return fmt.Errorf("read-only: %w", err)
		}
	}
	return nil
}

// prepare makes the mount point: a file for a bound file, else a folder.
func (m Mount) prepare(target string) error {
	if m.Type == "bind" {
		info, err := os.Stat(m.Source)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return err
			}
			file, err := os.OpenFile(target, os.O_CREATE|os.O_RDONLY, 0o644)
			if err != nil {
				return err
			}
			return file.Close()
		}
	}
	return os.MkdirAll(target, 0o755)
}

// run starts the services, starts them again when they end, and reaps every orphan, as the first process must.
func (p *Plan) run() {
	running := map[int]*Service{}
	due := map[*Service]time.Time{}
	for i := range p.Services {
		due[&p.Services[i]] = time.Now()
	}
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGTERM, syscall.SIGINT)
	tick := time.NewTicker(250 * time.Millisecond)
	for {
		select {
		case s := <-signals:
			if s != syscall.SIGCHLD {
				log.Printf("%s: the node stops", s)
				return
			}
		case <-tick.C:
		}
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
			if service, ok := running[pid]; ok {
				log.Printf("%s ended and is started again", service.Name)
				delete(running, pid)
				due[service] = time.Now().Add(restartDelay)
			}
		}
		for service, at := range due {
			if time.Now().Before(at) || !service.ready() {
				continue
			}
			pid, err := service.start()
			if err != nil {
				log.Printf("%s cannot be started: %v", service.Name, err)
				due[service] = time.Now().Add(restartDelay)
				continue
			}
			running[pid] = service
			delete(due, service)
		}
	}
}

func (s *Service) ready() bool {
	if s.After == "" {
		return true
	}
	_, err := os.Stat(s.After)
	return err == nil
}

func (s *Service) start() (int, error) {
	out, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	return syscall.ForkExec(s.Command[0], s.Command, &syscall.ProcAttr{
		Dir:   "/",
		Env:   s.Env,
		Files: []uintptr{null.Fd(), out.Fd(), out.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
}
