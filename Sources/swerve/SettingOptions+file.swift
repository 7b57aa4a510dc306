import Configuration
import Events

extension SettingOptions {
    /// The configuration file of the flag, else of the variable; an empty variable is as good as none.
    func file(_ environment: [String: String]) -> ConfigurationFile? {
        let variable = environment[ConfigurationFile.environmentName].flatMap { $0.isEmpty ? nil : $0 }
        return (config ?? variable).map { path in
            ConfigurationFile(path: path) { Self.read(path) }
        }
    }

    private static func read(_ path: String) -> Result<[UInt8], ConfigurationFile.Unreadable> {
        do throws(SmallFile.Problem) {
            return .success(try SmallFile.read(path, upTo: ConfigurationFile.maxSize + 1))
        } catch {
            return .failure(.init(error.description))
        }
    }
}
