package main

import (
	"fmt"
	"net"
	"strconv"
)

// choosePort returns port when it is free on ip, and any free port when port is 0. The port is only found, not kept:
// the server opens it itself a moment later.
func choosePort(ip string, port int, flagName string) (int, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	if err != nil {
		return 0, fmt.Errorf("port %d of %s is taken, choose another with %s: %w", port, ip, flagName, err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// freePorts returns n different free ports of ip. All of them are held open until the last one is found, as the
// system may otherwise hand out the same one twice.
func freePorts(ip string, n int) ([]int, error) {
	ports := make([]int, 0, n)
	for range n {
		listener, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
		if err != nil {
			return nil, fmt.Errorf("find a free port of %s: %w", ip, err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
