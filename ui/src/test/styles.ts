/** The app's styles, for components that are looked at. */
import '../styles/index.css'
