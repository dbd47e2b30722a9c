package dev.loci.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Clients that mean no good, from [#open] to [#close]. What they send, they send from one thread, at a rate that leaves
/// the server its cores.
final class Attack implements AutoCloseable {
    /// One turn of the thread that sends.
    private interface Turn {
        void run(int turn) throws IOException;
    }

    private static final int BODY_BYTES = 64 << 20;
    private static final int CHUNK_BYTES = 64 << 10;

    private final int port;
    private final List<Socket> sockets = new ArrayList<>();
    private volatile boolean closed;
    private Thread sender;

    private Attack(int port) {
        this.port = port;
    }

    static Attack idle(int port, int connections) throws IOException {
        Attack attack = new Attack(port);
        attack.connect(connections);
        return attack;
    }

    /// A byte of a head from one connection after the other.
    static Attack slowloris(int port, int connections) throws IOException {
        Attack attack = new Attack(port);
        attack.connect(connections);
        for (Socket socket : attack.sockets) {
            attack.send(socket, "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        }
        attack.each(
                TimeUnit.MILLISECONDS.toNanos(10),
                turn -> attack.send(attack.sockets.get(turn % attack.sockets.size()), "a"));
        return attack;
    }

    /// Bodies beyond what the server takes, one after the other.
    static Attack bodies(int port, int mebibytesPerSecond) throws IOException {
        Attack attack = new Attack(port);
        byte[] chunk = new byte[CHUNK_BYTES];
        Arrays.fill(chunk, (byte) ' ');
        attack.each(TimeUnit.SECONDS.toNanos(1) * CHUNK_BYTES / (mebibytesPerSecond << 20), _ -> attack.body(chunk));
        return attack;
    }

    private void body(byte[] chunk) throws IOException {
        if (sockets.isEmpty()) {
            connect(1);
            send(
                    sockets.getFirst(),
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + BODY_BYTES + "\r\n\r\n");
        }
        try {
            sockets.getFirst().getOutputStream().write(chunk);
        } catch (IOException e) {
            // refused: the next one
            sockets.removeFirst().close();
        }
    }

    /// Long streams that nobody reads.
    static Attack deaf(int port, int connections, String body) throws IOException {
        Attack attack = new Attack(port);
        attack.connect(connections);
        for (Socket socket : attack.sockets) {
            attack.send(
                    socket,
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + body.length() + "\r\n\r\n" + body);
        }
        return attack;
    }

    private void connect(int connections) throws IOException {
        for (int i = 0; i < connections; i++) {
            Socket socket = new Socket();
            sockets.add(socket);
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
        }
    }

    private void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void each(long nanos, Turn turn) {
        sender = Thread.ofPlatform().daemon().name("attack").start(() -> {
            long due = System.nanoTime();
            try {
                for (int i = 0; !closed; i++) {
                    turn.run(i);
                    due += nanos;
                    TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                }
            } catch (IOException e) {
                if (!closed) {
                    System.out.println("the attack ends: " + e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// How many connections the server has reset, told without reading what it sent before: an urgent byte is refused.
    int reset() {
        int reset = 0;
        for (Socket socket : sockets) {
            try {
                socket.sendUrgentData(0);
            } catch (IOException e) {
                reset++;
            }
        }
        return reset;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        if (sender != null) {
            sender.interrupt();
            try {
                sender.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (Socket socket : sockets) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
