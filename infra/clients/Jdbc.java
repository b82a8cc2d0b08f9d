import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Inserts each key that it reads, and says what came of it. The driver finds the leader among the members. */
class Jdbc {
  static final String URL = System.getenv().getOrDefault("DATABASE_URL",
      "jdbc:postgresql://patroni1,patroni2,patroni3/app_db?targetServerType=primary&hostRecheckSeconds=1"
          + "&connectTimeout=2&socketTimeout=5&tcpKeepAlive=true");
  static Connection connection;

  static void insert(String key) throws SQLException {
    if (connection == null) {
      connection = DriverManager.getConnection(URL, "app_user", System.getenv("PGPASSWORD"));
    }
    try (var statement = connection.prepareStatement("INSERT INTO lab.chaos_unique (key) VALUES (?)")) {
      statement.setString(1, key);
      statement.executeUpdate();
    }
  }

  public static void main(String[] arguments) throws Exception {
    var keys = new BufferedReader(new InputStreamReader(System.in));
    for (String key; (key = keys.readLine()) != null; ) {
      try {
        insert(key);
        System.out.println("ok");
      } catch (SQLException error) {
        if (connection != null) connection.abort(Runnable::run);
        connection = null;
        System.out.println("error " + error.getSQLState());
      }
    }
  }
}
